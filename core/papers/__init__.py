"""Papers: one description, written as Word and PDF; rows written as Excel and CSV. Knows no trade.

`paper.py` describes, `word.py` and `pdf.py` set the same description, `excel.py` takes rows one by one.
"""
