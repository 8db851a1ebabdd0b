"""`python -m bench NAME`: run one benchmark."""

import argparse
import importlib
import json

NAMES = (
    *("import", "pages", "writes", "start", "identity", "bulk", "analytics", "clv", "churn", "recommend"),
    "segments",
)


def main() -> None:
    """Run the benchmark that was named and print its figures."""
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument("name", choices=NAMES)
    parser.add_argument("--scale", choices=("small", "full"), default="small")
    parser.add_argument("--file", help="import: a till export to read instead of a made-up one")
    parser.add_argument("--data", help="churn, recommend: a file of sales in the form of UCI's Online Retail")
    options = parser.parse_args()
    module = importlib.import_module(f"bench.{options.name}_bench")
    print(json.dumps(module.run(options)))


main()
