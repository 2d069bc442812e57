"""What feedback does after the fact: reads, learns, finds themes."""

from threadline.inbound.feedback.intelligence import jobs  # noqa: F401 - declares jobs and listeners
from threadline.inbound.feedback.themes import jobs as theme_jobs  # noqa: F401 - the same for themes
