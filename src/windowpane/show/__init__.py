"""Pictures out (visualization): drawings, screens, films, reports. Looks at every wing; none looks here."""
