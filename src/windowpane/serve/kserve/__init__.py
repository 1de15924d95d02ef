"""KServe's protocol, version 2 (Open Inference Protocol), so that Triton's clients work."""
