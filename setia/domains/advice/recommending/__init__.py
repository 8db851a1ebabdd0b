"""Recommending: sparse counts of who bought what, the lists made of them, and how good they were on the shop's past.

Arrays only; nothing here is loaded by a page. Sources: GP-TopFreq (Li et al., A Next Basket Recommendation Reality
Check, TOIS 2023), item-item cosine with shrinkage (Sarwar et al. 2001; Deshpande and Karypis 2004).
"""
