"""What people look at: plots, tables, progress."""
