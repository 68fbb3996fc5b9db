def frost_average(readings):
    frosts = [t for t in readings if t < 0]
    return sum(frosts) / len(frosts) if frosts else None
