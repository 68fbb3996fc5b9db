def tidy_title(title):
    # split(" ") keeps tabs and line breaks inside the words, unlike split()
    return " ".join(word for word in title.split(" ") if word)
