"""What the verbs share: the options that several take (`options`), and how they speak (`output`)."""
