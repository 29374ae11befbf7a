"""Which steps lead from an empty database to this version, in the order of their numbers?"""
