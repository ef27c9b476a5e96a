"""What a user would build instead: the user's document as one FastAPI and SQLModel program on SQLite."""
