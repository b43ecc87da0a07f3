"""The file formats: Word, PDF, Excel, CSV, QR codes, charts, zip bundles."""
