"""The page's texts in English and in other languages."""
