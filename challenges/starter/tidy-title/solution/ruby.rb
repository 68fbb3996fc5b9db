def tidy_title(title)
  # / +/ and not " ": given a single space, Ruby's split takes tabs for spaces too
  title.split(/ +/).reject(&:empty?).join(" ")
end
