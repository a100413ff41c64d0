"""Other people's formats: one file a format, read and written, with what each cannot carry said."""
