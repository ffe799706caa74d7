"""Run ``python -m ai_viewer``."""

from ai_viewer.cli import main

if __name__ == "__main__":
    main()
