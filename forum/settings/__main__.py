"""`python -m forum.settings` prints the reference page of the settings as Markdown."""

import sys

from forum.settings.document import markdown

sys.stdout.write(markdown())
