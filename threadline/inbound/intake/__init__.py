"""Intake: signed webhooks and forms through which customers' words arrive by themselves."""
