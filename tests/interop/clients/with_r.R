# R reads what `espress export` wrote as csv, dta (Stata) or sav (SPSS), restores types by the export's own dictionary,
# and hashes every table by itself. Usage: Rscript with_r.R FORMAT SUBJECT
arguments <- commandArgs(trailingOnly = TRUE)
format <- arguments[1]
folder <- file.path(arguments[2], format)

read <- function(name) {
  path <- file.path(folder, paste0(name, ".", format))
  switch(format,
    csv = read.csv(path, colClasses = "character", na.strings = character(), check.names = FALSE, encoding = "UTF-8"),
    dta = haven::read_dta(path),
    sav = haven::read_sav(path)
  )
}

# A string as canonical JSON: quote, backslash and control characters escaped, everything else as it is.
short <- c("\b" = "\\b", "\t" = "\\t", "\n" = "\\n", "\f" = "\\f", "\r" = "\\r")
quoted <- function(text) {
  for (sign in c("\\", "\"")) text <- gsub(sign, paste0("\\", sign), text, fixed = TRUE)
  for (code in 1:31) {
    sign <- intToUtf8(code)
    escape <- if (sign %in% names(short)) short[[sign]] else sprintf("\\u%04x", code)
    text <- gsub(sign, escape, text, fixed = TRUE)
  }
  paste0("\"", text, "\"")
}

# A list from a cell's JSON text, as canonical JSON: names in the order of their bytes, no spaces.
json <- function(value) {
  if (is.null(value)) return("null")
  if (is.character(value)) return(quoted(value))
  if (is.logical(value)) return(tolower(value))
  if (is.numeric(value)) return(sprintf("%.0f", value))
  if (is.null(names(value))) return(paste0("[", paste(vapply(value, json, ""), collapse = ","), "]"))
  value <- value[order(names(value), method = "radix")]
  paste0("{", paste0(quoted(names(value)), ":", vapply(value, json, ""), collapse = ","), "}")
}

truth <- function(cells) {
  if (is.character(cells)) cells else c("false", "true")[as.integer(cells) + 1]
}

# One column as canonical JSON; a cell is missing if the program says so, or if it is empty in a column that has nulls.
column <- function(cells, type, nullable) {
  label <- inherits(cells, "haven_labelled") && type != "bool"
  if (label) cells <- as.character(haven::as_factor(cells))
  missing <- is.na(cells) | (nullable & !is.na(cells) & as.character(cells) == "")
  if (type != "string" && is.character(cells)) missing <- missing | cells == ""
  text <- switch(sub("<.*", "", type),
    int32 = , int64 = sprintf("%.0f", as.numeric(cells)),
    float64 = sprintf("\"%.6f\"", round(as.numeric(cells), 6) + 0), # no -0
    bool = truth(cells),
    date = sprintf("\"%s\"", as.character(cells)),
    list = vapply(cells, function(cell) if (cell == "") "" else json(jsonlite::fromJSON(cell, simplifyVector = FALSE)), ""),
    quoted(as.character(cells))
  )
  ifelse(missing, "null", text)
}

rows <- function(name, described) {
  cells <- as.list(read(name))[described$name_in_file]
  if (length(cells[[1]]) == 0) return(list(lines = character()))
  nullable <- !is.na(described$null_means) & described$null_means != ""
  texts <- Map(column, cells, described$type, nullable)
  members <- Map(function(key, text) paste0("\"", key, "\":", text), described$column_name, texts)
  members <- members[order(described$column_name, method = "radix")]
  lines <- paste0("{", do.call(paste, c(unname(members), sep = ",")), "}\n")
  list(lines = lines, split = unlist(texts[described$column_name == "split"], use.names = FALSE))
}

# The files of a table in the dataset, without their ending: one for each split, if it has several.
stems <- sub("\\.parquet$", "", list.files(file.path(arguments[2], "dataset", "data"), "\\.parquet$"))

haven <- if (format == "csv") "" else paste0("/haven-", packageVersion("haven"))
cat("R-", R.version$major, ".", R.version$minor, haven, "\n", sep = "")
dictionary <- read("dictionary")
for (name in unique(dictionary$table_name)) {
  found <- rows(name, dictionary[dictionary$table_name == name, ])
  for (stem in stems[sub("-.*", "", stems) == name]) {
    lines <- found$lines
    if (stem != name) lines <- lines[found$split == quoted(sub(".*-", "", stem))]
    lines <- sort(lines, method = "radix")
    hash <- as.character(openssl::sha256(charToRaw(enc2utf8(paste(lines, collapse = "")))))
    cat(stem, " ", length(lines), " ", hash, "\n", sep = "")
  }
}
