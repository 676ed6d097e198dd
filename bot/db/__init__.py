"""Storage: tables, repositories and transactions."""
