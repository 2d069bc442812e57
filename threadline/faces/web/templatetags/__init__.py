"""Tags for the Django templates; everything else is Jinja2."""
