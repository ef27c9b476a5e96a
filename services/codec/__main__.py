"""`python -m services.codec`: this service alone."""

from services.codec.wiring import build
from services.runtime.process import run_one

if __name__ == "__main__":
    run_one("codec", build)
