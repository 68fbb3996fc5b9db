fn tidy_title(title: String) -> String {
    let words: Vec<&str> = title.split(' ').filter(|word| !word.is_empty()).collect();
    words.join(" ")
}
