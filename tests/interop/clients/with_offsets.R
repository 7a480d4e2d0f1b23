# Runs the R of docs/user/offsets.md on every unit, and hashes what it gives.
subject <- commandArgs(trailingOnly = TRUE)[1]
units <- jsonlite::fromJSON(file.path(subject, "units.json"), simplifyVector = FALSE)
page <- paste(readLines(file.path(subject, "offsets.md"), encoding = "UTF-8"), collapse = "\n")
code <- sub("```.*", "", sub(".*```r name=offsets\n", "", page))

found <- lapply(units, function(given) {
  place <- list2env(given[c("text", "start", "end")])
  eval(parse(text = code), place)
  as.list(place)
})

report <- function(name, lines) {
  hash <- as.character(openssl::sha256(charToRaw(enc2utf8(paste(lines, collapse = "\n")))))
  cat(name, " ", length(lines), " ", hash, "\n", sep = "")
}

cat("R-", R.version$major, ".", R.version$minor, "\n", sep = "")
report("units", vapply(found, function(one) one$unit, ""))
report("utf16", vapply(found, function(one) paste(one$from, one$to), ""))
report("places", vapply(found, function(one) paste(one$back, one$back_end), ""))
