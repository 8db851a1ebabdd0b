"""Pure decisions of segments: what a rule is, how it reads, whom it means and until when."""
