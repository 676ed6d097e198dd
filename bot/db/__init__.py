"""What is stored, and the transactions in which it changes."""
