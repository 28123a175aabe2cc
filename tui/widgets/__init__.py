"""What a screen is put together from: one widget per file, attributes down, messages up."""
