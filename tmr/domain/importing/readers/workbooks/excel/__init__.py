"""Excel workbooks: XLSX and XLSM, and the old and the binary format."""
