"""`python -m setia` is the `setia` command."""

from setia.cli import main

main()
