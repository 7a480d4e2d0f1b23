# Who speaks in two reports of one event? The analysis of docs/user/analysis.ipynb in R; the notebook says what it can and
# cannot show. Usage, with a folder written by `espress export --to csv --out FOLDER`:
#   Rscript docs/user/analysis.R FOLDER PLOT.svg
arguments <- commandArgs(trailingOnly = TRUE)
table_of <- function(name) {
  read.csv(file.path(arguments[1], paste0(name, ".csv")), encoding = "UTF-8", na.strings = "")
}
lists <- function(cells) lapply(cells, jsonlite::fromJSON) # columns of lists are JSON text in CSV
line <- function(...) cat(paste(..., sep = "\t"), "\n", sep = "")

articles <- table_of("articles")
entries <- table_of("entries")
votes <- table_of("votes")

# The event that more than one outlet covers.
events <- lists(articles$event_ids)
covering <- data.frame(event = unlist(events), outlet = rep(articles$outlet_id, lengths(events)))
covered <- tapply(covering$outlet, covering$event, function(outlets) length(unique(outlets)))
event <- names(covered)[covered > 1]
stopifnot(length(event) == 1)
reports <- sort(articles$article_id[vapply(events, function(those) event %in% those, TRUE)], method = "radix")
ours <- entries[entries$article_id %in% reports, ]
line("event", event)

# One table: the number of entries by who speaks, in both readings.
groups <- c("outlet", "official", "other_named", "unnamed", "none")
count <- function(cells) {
  cells[is.na(cells)] <- "none"
  table(factor(ours$article_id, reports), factor(cells, groups))
}
as_it_stands <- count(ours$attribution)
carried <- count(ours$attribution_carried)
line("article_id", "who", "as_it_stands", "carried")
for (article in reports) {
  for (group in groups) line(article, group, as_it_stands[article, group], carried[article, group])
}
for (article in reports) line("n", article, sum(as_it_stands[article, ]))
own <- votes[votes$field == "source_id" & votes$article_id %in% reports, ]
line("all who decide agree on the source", paste(sum(as.logical(own$is_unanimous)), "of", nrow(own)))

# One plot.
if (length(arguments) > 1) {
  svg(arguments[2], width = 9, height = 3)
  par(mfrow = c(1, length(reports)), mar = c(4, 7, 3, 1), las = 1)
  shown <- groups[colSums(as_it_stands + carried) > 0]
  places <- seq_along(shown)
  for (article in reports) {
    title <- paste0(article, "\nn = ", sum(as_it_stands[article, ]))
    plot(as_it_stands[article, shown], places - 0.1, pch = 1, yaxt = "n", xlab = "entries", ylab = "", main = title,
         xlim = c(0, max(as_it_stands, carried) + 1), ylim = c(0.5, length(shown) + 0.5), cex.main = 0.9)
    points(carried[article, shown], places + 0.1, pch = 4)
    axis(2, places, gsub("_", " ", shown))
    legend("bottomright", c("as it stands", "carried"), pch = c(1, 4), bty = "n")
  }
  invisible(dev.off())
}

# The citation in the export.
about <- table_of("about")
line(about$value[about$field == "citation"])
