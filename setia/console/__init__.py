"""The staff screens. They translate what people do into verbs of the domains; they decide nothing."""
