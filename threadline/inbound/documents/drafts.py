"""What a new document begins with: headings that ask, and live parts that answer what the records know."""

from __future__ import annotations

PRD = """# Who has which problem

Say it in one sentence, as those would who have it.

{{{{evidence {key}}}}}

# What changes for them

One thing they can do afterwards that they cannot do now. How will we know?

{{{{numbers {key}}}}}

# What must hold

{{{{requirements {key}}}}}

# What was decided

{{{{decisions {key}}}}}

# What it is not

Name what people may expect and will not get, and why.

# When, and how it is taken back

{{{{release {key}}}}}

# Open questions

- Who answers which question by when?
"""

PRFAQ = """# Press release

**Place and day of the launch.** One sentence: what is there now, for whom, and what they can do with it.

What was hard before, in the words of those who met it:

{{{{evidence {key}}}}}

How it works, in three sentences without a word that only we use.

> What somebody who has used it might say.

How one begins today.

# Questions that customers will ask

**What does it cost?**

**What happens with my data?**

**What if it does not suit me?**

# Questions that we ask ourselves

**How many have the problem, and how do we know?**

{{{{numbers {key}}}}}

**What must hold before anybody gets it?**

{{{{requirements {key}}}}}

**What did we decide against, and why?**

{{{{decisions {key}}}}}

**When is it there?**

{{{{release {key}}}}}
"""

DRAFTS = {"prd": PRD, "prfaq": PRFAQ}


def draft(form: str, key: str) -> str:
    """The text of a new document about a record."""
    return DRAFTS[form].format(key=key)
