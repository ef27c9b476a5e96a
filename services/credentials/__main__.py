"""`python -m services.credentials`: this service alone."""

from services.host import serve_one

if __name__ == "__main__":
    serve_one("credentials")
