"""Providers on loopback: what would the real ones have answered, and what did they take?"""
