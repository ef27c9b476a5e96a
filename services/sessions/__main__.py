"""`python -m services.sessions`: this service alone."""

from services.host import serve_one

if __name__ == "__main__":
    serve_one("sessions")
