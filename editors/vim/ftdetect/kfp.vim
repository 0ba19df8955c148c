autocmd BufNewFile,BufRead *.kfp setfiletype kfp
