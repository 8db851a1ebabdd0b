"""Pages on paper: PDF files made without a browser. Loaded only where one is asked for."""
