"""How people are told: notices of the outbox go to channels, each notice at most once to each."""
