"""What annotating recordings is worth, measured on real and on generated ones: the rows of one table."""
