"""What every Quintet service does the same way."""
