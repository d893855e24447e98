"""Papers about orders, described once for the page, Word and PDF: case files, slips, the periodic sheets."""
