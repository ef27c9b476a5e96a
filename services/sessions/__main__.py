"""`python -m services.sessions`: this service alone."""

from services.runtime.process import run_one
from services.sessions.wiring import build

if __name__ == "__main__":
    run_one("sessions", build)
