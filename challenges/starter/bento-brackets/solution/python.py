LID_OF = {"(": ")", "[": "]", "{": "}"}


def first_spoiled(recipe):
    open_boxes = []  # (the lid it needs, where it was opened)
    for at, sign in enumerate(recipe):
        if sign in LID_OF:
            open_boxes.append((LID_OF[sign], at))
        elif sign in ")]}":
            if not open_boxes or open_boxes.pop()[0] != sign:
                return at
    return open_boxes[0][1] if open_boxes else None
