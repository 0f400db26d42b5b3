"""The subcommands of `manage.py deadletters`: each module is one, by its name.

A module has `HELP`, `add_arguments(parser)` and `run(options) -> Told`. What goes wrong is raised: CannotRun, or what
the verbs raise (Refused, BadFilter, BadRule, NoReason, StorageFault, PermissionDenied), and told in one sentence by
the command.
"""
