"""What the pages of stock show and do; they ask verbs, and change nothing themselves."""
