"""Pictures out: drawings, screens, films, reports. May look at every wing; none looks here."""
