"""Lists that people work with: views they save, acts on many rows at once and their undo.

It knows customers and orders; it must not know how a page looks.
"""
