"""Everything a shop knows, in files that anybody can read: made in the background, logged, gone after a week.

It knows every domain below; it must not know how a screen shows its progress.
"""
