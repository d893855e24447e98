"""A run on paper: the workbook with every figure, the bulletin for the notice board. From the queries of the pages."""
