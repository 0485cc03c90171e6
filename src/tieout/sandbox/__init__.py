"""Worlds: seeded commerce with known truth, emitted in the providers' real wire formats.

plan = compose(World(seed=7, orders=60))   # everything, worked out
plan.emissions                             # the messages in the order of time
plan.truth                                 # what the books must say at the end
play(plan.emissions, url, secrets, key)    # sends them to a running server
"""
