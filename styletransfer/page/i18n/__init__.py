"""What the page says, in English and in other languages."""
