"""tmp"""
def last_layer_settings(names, weights, bias):
    return {"labels": list(names), "weights": [[float(f"{v:.5g}") for v in row] for row in weights], "bias": [float(f"{v:.5g}") for v in bias]}
