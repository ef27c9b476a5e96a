"""`python -m services.sessions`: this service alone."""

from services.sessions.wiring import build
from services.runtime.process import run_one

if __name__ == "__main__":
    run_one("sessions", build)
