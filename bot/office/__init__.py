"""Word files: the exported draft and the checked document."""
