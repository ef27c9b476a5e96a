"""`python -m services.credentials`: this service alone."""

from services.credentials.wiring import build
from services.runtime.process import run_one

if __name__ == "__main__":
    run_one("credentials", build)
